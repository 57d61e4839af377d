"""What services that send letters for us tell by HTTP: deliveries, bounces, complaints; each proves who it is."""

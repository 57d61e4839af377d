"""What a person or another program touches: pages, command line, public doors."""

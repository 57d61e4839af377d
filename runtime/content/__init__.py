"""What a letter says: MJML, personalisation, links."""

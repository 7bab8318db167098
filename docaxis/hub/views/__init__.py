"""What the reading half shows, as plain values: the pages, the API and the command line print them."""

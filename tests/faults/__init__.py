"""The fault harness: agencies send numbered packages while faults strike, then a book kept outside the hub is balanced."""

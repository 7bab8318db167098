"""The operator's pages: is anything stuck, who is silent, what is set aside; and the directory with its second person."""

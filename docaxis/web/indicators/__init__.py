"""The indicators on one page for everybody: a clerk sees the own agency's, all others see the levels'."""

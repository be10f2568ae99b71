"""Captures that come with the program: five real ones, and two synthetic crawls to compare."""

"""Scrapy commands of the project. Scrapy instantiates every command class that it finds in this folder."""

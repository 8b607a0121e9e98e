"""The parts of the demo company; demo_company.py puts them together."""

"""A Django REST Framework application with the webhooks of SD Elements' API, as docs/apis/sdelements.md describes them.

tools/drf_differential.py compares Outhook with it; nothing else uses it.
"""

"""Sphinx: Markdown pages, executed notebooks, tables made from the catalogues. Builds offline."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_extensions"))

import tensionsim

project = "tensionsim"
author = "the tensionsim authors"
project_copyright = "2026, the tensionsim authors"
version = release = tensionsim.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "mathml", "generated"]
exclude_patterns = ["_build", "_extensions"]
nitpicky = False

myst_enable_extensions = ["deflist", "dollarmath"]
myst_heading_anchors = 3

# Notebooks are stored without outputs and run by `make test`; the pages show what it left of them.
nb_execution_mode = "off"
nb_ipywidgets_js: dict[str, dict[str, str]] = {}

# No script is fetched by a page: formulas are MathML, which browsers set by themselves.
html_math_renderer = "mathml"

autodoc_typehints = "none"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
napoleon_google_docstring = False

html_static_path = ["_static"]
html_css_files = ["pages.css"]
html_theme = "furo"
html_title = f"tensionsim {release}"
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}

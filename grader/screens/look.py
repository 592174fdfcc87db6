"""The look that all views share: the terminal's own colours and background, thin rules, no boxes."""

THEME = "ansi-dark"  # the sixteen colours that the learner chose, on light terminals too

CSS = """
Markdown { padding: 0 1 0 0; }
MarkdownH1 { content-align: left middle; margin: 0 0 1 0; }
MarkdownH2, MarkdownH3 { margin: 1 0; }
MarkdownH1, MarkdownH2, MarkdownH3 { color: $foreground; text-style: bold; }
MarkdownFence { margin: 0 0 1 0; color: $foreground; }
MarkdownFence > Label { padding: 0; width: 1fr; }
MarkdownBlock > .code_inline { color: $foreground; text-style: bold; }
VerticalScroll { scrollbar-size-vertical: 1; }
Footer FooterKey { margin: 0 2 0 0; }
.-tiny Footer FooterKey { margin: 0 1 0 0; }
"""

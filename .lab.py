"""How README.md opens JupyterLab: at the top, with no news and no other host asked."""

c = get_config()  # noqa: F821
c.ServerApp.root_dir = "."
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"

"""After a serious incident: one control stops the posts and turns the site to its sober face. Two people lift it."""

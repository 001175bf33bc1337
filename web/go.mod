module fresque.dev/web

go 1.26.0

ignore ./node_modules

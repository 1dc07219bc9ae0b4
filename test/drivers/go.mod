module drivers

go 1.23

require github.com/jackc/pgx/v5 v5.13.0

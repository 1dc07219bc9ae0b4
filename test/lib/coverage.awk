#!/usr/bin/awk -f
# Adds up what gcov says of each file of src by room.
/^File '/ {
	file = $2
	gsub(/'/, "", file)
	room = match(file, /\/src\/[a-z]+\//) ? substr(file, RSTART + 5, RLENGTH - 6) : ""
}
/^Lines executed:/ && room != "" {
	split($2, share, /[:%]/)
	lines[room] += $4
	run[room] += $4 * share[2] / 100
	room = ""
}
END {
	for (room in lines) {
		printf "%-10s %6d lines, %5.1f %% run\n", room, lines[room], 100 * run[room] / lines[room] | "sort"
	}
}

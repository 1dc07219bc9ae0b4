# count.sh - reads logs of TAP and pg_regress and prints "passed failed skipped". Each TAP assertion counts, and each file of
# pg_regress is one.

count_tap()
{
	awk '
		/^1\.\.0 *# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
		/^ok [0-9]+.*# *[Ss][Kk][Ii][Pp]/ { skipped++; next }
		/^ok [0-9]+/ { passed++; next }
		/^not ok [0-9]+/ { failed++ }
		END { print passed + 0, failed + 0, skipped + 0 }' "$1"
}

# PostgreSQL 15 prints "test name ... ok" and "... FAILED"; from 16 on it prints TAP.
count_regress()
{
	awk '
		/^(test| ) .*\.\.\. ok / { passed++; next }
		/^(test| ) .*\.\.\. FAILED/ { failed++; next }
		/^ok [0-9]+/ { passed++; next }
		/^not ok [0-9]+/ { failed++ }
		END { print passed + 0, failed + 0, 0 }' "$1"
}

# counting_line PASSED FAILED SKIPPED
counting_line()
{
	echo "$1 passed, $2 failed$([ "$3" = 0 ] || echo ", $3 skipped")"
}

# add_counting_line LINE STATUS: adds what a test command counted to passed, failed and skipped. One that failed without
# counting a failure, or that did not count at all, is one failure.
add_counting_line()
{
	local before=$failed

	if [[ $1 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
	else
		failed=$((failed + 1))
	fi
	if [ "$2" != 0 ] && [ "$failed" = "$before" ]; then
		failed=$((failed + 1))
	fi
}

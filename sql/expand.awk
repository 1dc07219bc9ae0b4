# expand.awk - puts into SQL what stands elsewhere once: awk -f sql/expand.awk src/codepoints/codepoints.h sql/measurement_columns.def FILE...
#
#   @CS_TRIPLE_REFERENCE@                      the number of a codepoint (src/codepoints/codepoints.h)
#   @triple_kinds@                             all kinds of triple, "0 reference, 1 endorsed, ..."; @triple_kind_cases@ as WHEN 0 THEN 'reference' ...
#   @measurement_columns ALIAS@                the columns of a measurement (sql/measurement_columns.def), as alias.column
#   @measurement_types@                        the same with their types, as RETURNS TABLE has them; @measurement_out@ as OUT parameters
#   @measurement_nulls COLUMN=VALUE ...@       NULLs of their types, but for the columns that are given
#   @measurement_comments RELATION@            a COMMENT on each column of a view, where there is one to make
#   @NAME@                                     the lines between -- @begin NAME and -- @end above it in the same run
#
# A placeholder stands in one line. Others, @store@ among them, are left as they are.

FNR == 1 { file++ }

file == 1 {
	if (match($0, /CS_[A-Z_0-9]+ = -?[0-9]+/)) {
		split(substr($0, RSTART, RLENGTH), part, " = ")
		number[part[1]] = part[2]
		if (part[1] ~ /^CS_TRIPLE_/) {
			word = tolower(substr(part[1], 11))
			gsub(/_/, "-", word)
			kinds = kinds (kinds == "" ? "" : ", ") part[2] " " word
			cases = cases (cases == "" ? "" : " ") "WHEN " part[2] " THEN '" word "'"
		}
	}
	next
}

file == 2 {
	if (/^COLUMN\(/) {
		count++
		rest = substr($0, 8)
		name[count] = substr(rest, 1, index(rest, ",") - 1)
		rest = substr(rest, index(rest, ",") + 2)
		type[count] = substr(rest, 1, index(rest, ",") - 1)
		rest = substr(rest, index(rest, ",") + 3)
		comment[count] = substr(rest, 1, length(rest) - 2)
	}
	next
}

function given(column, args, n, i) {
	for (i = 2; i <= n; i++)
		if (index(args[i], column "=") == 1)
			return substr(args[i], length(column) + 2)
	return ""
}

function list(kind, args, n,    i, out, value) {
	for (i = 1; i <= count; i++) {
		if (kind == "columns")
			value = args[2] "." name[i]
		else if (kind == "types")
			value = name[i] " " type[i]
		else if (kind == "out")
			value = "OUT " name[i] " " type[i]
		else if ((value = given(name[i], args, n)) == "")
			value = "NULL::" type[i]
		out = out (i == 1 ? "" : ", ") value
	}
	return out
}

function comments(relation,    i, out, text) {
	for (i = 1; i <= count; i++) {
		if (comment[i] == "")
			continue
		text = comment[i]
		gsub(/'/, "''", text)
		out = out (out == "" ? "" : "\n") "COMMENT ON COLUMN @store@." relation "." name[i] " IS '" text "';"
	}
	return out
}

function expanded(text,    n, args) {
	n = split(text, args, " ")
	if (text in number)
		return number[text]
	if (text in lines)
		return lines[text]
	if (text == "triple_kinds")
		return kinds
	if (text == "triple_kind_cases")
		return cases
	if (args[1] == "measurement_comments")
		return comments(args[2])
	if (args[1] ~ /^measurement_(columns|types|out|nulls)$/)
		return list(substr(args[1], 13), args, n)
	return ""
}

/^-- @begin [a-z_]+$/ {
	fragment = $3
	next
}

/^-- @end$/ {
	fragment = ""
	next
}

{
	line = $0
	out = ""
	while ((at = index(line, "@")) > 0) {
		rest = substr(line, at + 1)
		end = index(rest, "@")
		value = end > 1 ? expanded(substr(rest, 1, end - 1)) : ""
		if (value == "" ) {
			out = out substr(line, 1, at)
			line = rest
		} else {
			out = out substr(line, 1, at - 1) value
			line = substr(rest, end + 1)
		}
	}
	out = out line
	if (fragment == "") {
		print out
	} else if (fragment in lines) {
		lines[fragment] = lines[fragment] "\n" out
	} else {
		sub(/^[ \t]+/, "", out)
		lines[fragment] = out
	}
}

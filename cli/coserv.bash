# coserv(1): completion for bash. Commands and options are asked of the program itself.
_coserv()
{
	local program=${COMP_WORDS[0]} words
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}

	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ] || { [ "$COMP_CWORD" = 2 ] && [ "$command" = help ]; }; then
		mapfile -t COMPREPLY < <(compgen -W "help $("${COMP_WORDS[0]}" help | awk '/^  [a-z]/ { print $1 }')" -- "$current")
		return
	fi
	case $command/$previous in
		*/--metadata) mapfile -t COMPREPLY < <(compgen -W 'cwt-claims corim-meta both' -- "$current") ;;
		*/--format)
			words=$("$program" evidence --format help - | awk '{ print $1 }')
			mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
			;;
		query/query) mapfile -t COMPREPLY < <(compgen -W 'encode decode' -- "$current") ;;
		*)
			if [[ $current = -* ]]; then
				words=$("$program" help "$command" 2>/dev/null | awk '/^  --/ { print $1 }')
				mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
			else
				mapfile -t COMPREPLY < <(compgen -f -- "$current")
				compopt -o filenames 2>/dev/null
			fi
			;;
	esac
}
complete -F _coserv coserv

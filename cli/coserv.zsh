#compdef coserv
# coserv(1): completion for zsh. Commands and options are asked of the program itself.
local -a commands options
local line

if (( CURRENT == 2 )) || { (( CURRENT == 3 )) && [[ $words[2] = help ]]; }; then
	commands=(help ${(f)"$($words[1] help | awk '/^  [a-z]/ { print $1 }')"})
	compadd -a commands
elif [[ $words[CURRENT-1] = --metadata ]]; then
	compadd cwt-claims corim-meta both
elif [[ $words[CURRENT-1] = --format ]]; then
	compadd ${(f)"$($words[1] evidence --format help - | awk '{ print $1 }')"}
elif [[ $words[2] = query ]] && (( CURRENT == 3 )); then
	compadd encode decode
elif [[ $PREFIX = -* ]]; then
	options=(${(f)"$($words[1] help $words[2] 2>/dev/null | awk '/^  --/ { print $1 }')"})
	compadd -a options
else
	_files
fi

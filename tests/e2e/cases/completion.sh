# The completions: bash's is asked as bash asks it; zsh's and fish's are read by their shells where those are.
. "$TOP/tests/e2e/lib.sh"
needs bash
"$MEMWATCH" completion bash >memwatch.bash || fail "status $?"
mkdir files && : >files/supp.txt && : >files/sum.txt && mkdir files/sub

cat >ask.bash <<'END'
. ./memwatch.bash
COMP_WORDS=("$@")
COMP_CWORD=$(($# - 1))
cd files
_memwatch
printf '%s\n' "${COMPREPLY[@]}" | sort -u | tr '\n' ' '
END
ask() { # ask WORD...: the completions of the last one
	bash ask.bash memwatch "$@" 2>bash.err || fail "bash: $(cat bash.err)"
	[ ! -s bash.err ] || fail "bash says: $(cat bash.err)"
}

expect "an option" "$(ask --sar)" "--sarif= "
expect "options of a command" "$(ask stat --in)" "--interval= "
expect "an option that scan has not" "$(ask scan --dep)" " "
expect "hidden options" "$(ask --validate)" " "
expect "a choice behind =" "$(ask --color = al)" "always "
expect "a choice behind a blank" "$(ask --color al)" "always "
expect "an empty value" "$(ask --color =)" "always auto never "
expect "a file" "$(ask --suppressions = su)" "sub sum.txt supp.txt "
expect "a folder" "$(ask --source-root s)" "sub "
expect "commands" "$(ask help com)" "completion "
expect "shells" "$(ask completion b)" "bash "
expect_match "a program" "$(ask -q --top 3 catcha)" "^( |catcha.* )$"
expect_match "a program on the path" "$(ask --color=never bas)" "bash "
expect "a file of a program without a completion" "$(ask ls supp)" "supp.txt "
expect "behind --" "$(ask -- ls supp)" "supp.txt "
bash -c '. ./memwatch.bash; complete -p memwatch' >/dev/null || fail "it is not registered"

"$MEMWATCH" completion zsh >_memwatch || fail "status $?"
"$MEMWATCH" completion fish >memwatch.fish || fail "status $?"
if command -v zsh >/dev/null; then zsh -n _memwatch || fail "zsh refuses it"; fi
if command -v fish >/dev/null; then fish -n memwatch.fish || fail "fish refuses it"; fi
"$MEMWATCH" completion csh 2>err && fail "a shell that is not known passes"
expect "status" $? 2

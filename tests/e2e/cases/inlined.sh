# Inlined frames, their functions, files and lines are those of addr2line -i.
. "$TOP/tests/e2e/lib.sh"
needs g++ addr2line
victim inlined inlined -O2

watch "$victim"
expect status "$status" 0
leak='.processes[0].leaks[] | select(.allocator == "malloc" and .blocks == 4)'
expect "inlined frames" "$(json "$leak | .frames[:4] | map(.inlined) | join(\" \")")" "true true true false"
offset=$(json "$leak | .frames[0].offset")
addr2line -Cfie "$victim" "$(printf '%x' "$offset")" | paste - - |
	sed 's/ (discriminator.*//; s/(.*)\t/\t/' >wanted
json "$leak | .frames[:4][] | \"\(.function)\t\(.file):\(.line)\"" | sed 's/(.*)\t/\t/' >got
expect "the innermost function" "$(head -n 1 got | cut -f 1)" make_text
# addr2line names the innermost frame after the symbol table, so only its place is compared.
sed -i '1s/[^\t]*//' got wanted
expect_same "frames" got wanted
expect_match "template" "$(json "$leak | .frames[1].function")" \
	'^void shop::fill<shop::Order>\(shop::Order&, int\)$|^fill<shop::Order>'

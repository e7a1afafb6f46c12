# Touching a header makes exactly its users again; nothing is made when nothing changed.
. "$TOP/tests/e2e/lib.sh"
[ "$VARIANT" = release ] || skip "looks at the release variant"
cd "$TOP" || exit 1

expect "a second make" "$(make -n all | grep -E ' -o |^ar ')" ""
for source in common/*.c shim/*.c cli/*.c cli/*/*.c; do
	gcc -D_GNU_SOURCE -I. -MM -MT "$source:" "$source" | sed 's/\\$//' | tr '\n' ' '
	echo
done >"$TMPDIR/users"
for header in cli/base/out.h common/env.h; do
	made=$(make -n -W "$header" all | grep -oE ' -c -o [^ ]+ [^ ]+' | awk '{ print $4 }' | sort -u)
	users=$(grep -F " $header " "$TMPDIR/users" | sed 's/:.*//' | sort -u)
	expect "what $header makes" "$made" "$users"
done

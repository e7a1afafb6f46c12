# A real program, the same with and without memwatch: ls.
. "$TOP/tests/e2e/lib.sh"
same_as_native ls -l /usr/bin
same_as_native ls /no/such/folder
same_as_native find /etc -maxdepth 1 -name 'p*'
same_as_native grep -c root /etc/passwd
same_as_native sort -R --random-source=/etc/passwd /etc/passwd
same_as_native xargs -n 1 echo </dev/null

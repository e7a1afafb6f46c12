# Programs with few descriptors or little address space run as they would alone.
. "$TOP/tests/e2e/lib.sh"

same_as_native sh -c 'ulimit -n 6; exec ls /'
same_as_native sh -c 'ulimit -n 4; exec /bin/echo four'
same_as_native sh -c 'ulimit -v 400000; exec perl -e "print 1"'

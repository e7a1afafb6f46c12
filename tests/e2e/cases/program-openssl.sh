# A real program, the same with and without memwatch: openssl.
. "$TOP/tests/e2e/lib.sh"
needs openssl

seq 1 10000 >data
same_as_native openssl dgst -sha256 data
same_as_native openssl enc -aes-256-cbc -pbkdf2 -S 0102030405060708 -k secret -in data -a
same_as_native sh -c 'openssl x509 -in data 2>/dev/null' # its messages tell a thread id

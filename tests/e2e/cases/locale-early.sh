# The process's first allocation is made under the lock of the locale, as libp11-kit's constructor does in curl.
. "$TOP/tests/e2e/lib.sh"

mkdir -p "$VICTIMS"
victim locale_early locale_early.so -DLIBRARY -shared -fPIC
library=$victim
victim locale_early locale_early -Wl,--no-as-needed "$library" -Wl,-rpath,"$VICTIMS"
same_as_native "$victim"
expect "what it says" "$(cat stdout)" "set early
no error"

# As verdict-allocator.
allocator=mimalloc
. "$TOP/tests/e2e/cases/verdict-allocator.sh"

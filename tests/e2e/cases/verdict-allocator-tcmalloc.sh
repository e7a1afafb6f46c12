# As verdict-allocator.
allocator=tcmalloc_minimal
. "$TOP/tests/e2e/cases/verdict-allocator.sh"

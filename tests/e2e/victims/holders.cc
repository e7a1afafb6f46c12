// Blocks held by a vector, whose storage is allocated below more functions of the library than most are.
#include <cstdlib>
#include <vector>

static std::vector<void *> *kept;

__attribute__((noinline)) static void keep(void *block)
{
	kept->push_back(block);
}

int main()
{
	kept = new std::vector<void *>;
	for (int i = 0; i < 40; i++)
		keep(malloc(100));
	return 0;
}

// The two parts of a program with operators new and delete of its own: nothing in it is wrong. PART 1 are the
// operators, which may stand in a library; the sized and array forms are left to libstdc++. PART 2 is what uses them.
// With HEADER they keep the size before the block.
#if PART == 1
#include <cstdlib>
#include <new>

#ifdef HEADER
#define HEADER_BYTES 16
#else
#define HEADER_BYTES 0
#endif

void *operator new(std::size_t size)
{
	char *p = static_cast<char *>(std::malloc(size + HEADER_BYTES));

	if (!p)
		throw std::bad_alloc();
	return p + HEADER_BYTES;
}

void operator delete(void *p) noexcept
{
	if (p)
		std::free(static_cast<char *>(p) - HEADER_BYTES);
}
#endif

#if PART == 2
#include <new>
#include <string>

static void *hide(void *p)
{
	__asm__ volatile("" : "+r"(p) : : "memory");
	return p;
}

int main()
{
	std::string strings[20];

	for (int i = 0; i < 200; i++)
		strings[i % 20] += "not stored within";
	for (int i = 0; i < 10; i++) {
		delete static_cast<int *>(hide(new int));
		delete[] static_cast<std::string *>(hide(new std::string[3]));
		delete static_cast<std::string *>(hide(new std::string("text")));
		operator delete(hide(new (std::nothrow) int));
		operator delete[](hide(operator new[](40)), 40);
	}
	return 0;
}
#endif

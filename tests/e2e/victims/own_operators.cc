// A program, or with -DPART=1 or 2 its parts, with operators new and delete of its own: nothing in it is wrong. They
// stand in the program (PART 0) or in a library (PART 1); the sized and array forms are left to libstdc++.
// With HEADER they keep the size before the block.
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#ifndef PART
#define PART 0
#endif

#if PART < 2
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

#if PART != 1
static void *hide(void *p)
{
	__asm__ volatile("" : "+r"(p) : : "memory");
	return p;
}

int main()
{
	std::vector<std::string> strings;

	for (int i = 0; i < 200; i++)
		strings.push_back("a long string that is not stored within " + std::to_string(i));
	for (int i = 0; i < 10; i++) {
		delete static_cast<int *>(hide(new int));
		delete[] static_cast<std::string *>(hide(new std::string[3]));
		delete static_cast<std::string *>(hide(new std::string("text")));
		operator delete(hide(new (std::nothrow) int));
		operator delete[](hide(operator new[](40)), 40);
	}
	std::puts("done");
	return 0;
}
#endif

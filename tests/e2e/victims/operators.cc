// One block of its own size from each form of operator new, kept; and one of each freed by the matching delete.
#include <new>
#include <cstdlib>

struct alignas(128) Wide {
	char bytes[128];
};

void *kept[16];

int main()
{
	int n = 0;
	std::align_val_t align{64};

	kept[n++] = ::operator new(201);
	kept[n++] = ::operator new[](202);
	kept[n++] = ::operator new(203, std::nothrow);
	kept[n++] = ::operator new[](204, std::nothrow);
	kept[n++] = ::operator new(205, align);
	kept[n++] = ::operator new[](206, align);
	kept[n++] = ::operator new(207, align, std::nothrow);
	kept[n++] = ::operator new[](208, align, std::nothrow);
	kept[n++] = new Wide;
	::operator delete(::operator new(300));
	::operator delete[](::operator new[](300));
	::operator delete(::operator new(300), static_cast<std::size_t>(300));
	::operator delete[](::operator new[](300), static_cast<std::size_t>(300));
	::operator delete(::operator new(300), std::nothrow);
	::operator delete[](::operator new[](300), std::nothrow);
	::operator delete(::operator new(300, align), align);
	::operator delete[](::operator new[](300, align), align);
	::operator delete(::operator new(300, align), static_cast<std::size_t>(300), align);
	::operator delete[](::operator new[](300, align), static_cast<std::size_t>(300), align);
	return 0;
}

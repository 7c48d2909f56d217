/* start.c - the first instructions of the program: it unpacks its constants and relocates itself,
 * then libc takes over
 *
 * The file has constants, tables and initialised data in a packed form only (tools/link.ld,
 * tools/pack). They are unpacked first, because the relocations are for them. A static-pie has to
 * apply its own relative relocations. Debian 12's musl does that, but only for the format in which
 * each takes 24 bytes; this one also reads the packed format (DT_RELR of the generic ELF ABI),
 * where they take a fiftieth of that. Nothing here may need a relocation, the stack protector or
 * libc, for none of them works yet. */
#include <elf.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/mman.h>

#include "base/lz4.h"

#define TAG_RELRSZ 35 /* DT_RELRSZ and DT_RELR: musl 1.2.3 does not name them */
#define TAG_RELR 36

#if UINTPTR_MAX != UINT64_MAX
#error "64-bit machines only"
#endif

#if defined(__x86_64__)
#define RELATIVE R_X86_64_RELATIVE
__asm__(".text\n"
	".global _start\n"
	"_start:\n"
	"	xor %ebp, %ebp\n"
	"	mov %rsp, %rdi\n"
	"	and $-16, %rsp\n"
	"	call start_program\n");
#elif defined(__aarch64__)
#define RELATIVE R_AARCH64_RELATIVE
__asm__(".text\n"
	".global _start\n"
	"_start:\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	mov x0, sp\n"
	"	and sp, x0, #-16\n"
	"	b start_program\n");
#else
#error "x86-64 and aarch64 only"
#endif

/* The linker's names for the load address and the dynamic section. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const Elf64_Dyn _DYNAMIC[] __attribute__((visibility("hidden")));

/* Those of tools/link.ld: the packed bytes, which end somewhere before image, and where they go. */
extern const unsigned char packed[] __attribute__((visibility("hidden")));
extern unsigned char image[] __attribute__((visibility("hidden")));
extern const unsigned char image_end[] __attribute__((visibility("hidden")));

extern int main(int argc, char **argv, char **envp);
extern void _init(void) __attribute__((visibility("hidden")));
extern void _fini(void) __attribute__((visibility("hidden")));
extern int __libc_start_main(int (*start)(int, char **, char **), int argc, char **argv,
	void (*init)(void), void (*fini)(void), void (*ldso)(void));

__attribute__((noreturn)) void start_program(uintptr_t *stack);

static uintptr_t *word(uintptr_t base, uintptr_t offset)
{
	return (uintptr_t *)(base + offset);
}

/* The linker leaves no other kind in a static-pie. */
static void apply_rela(uintptr_t base, const Elf64_Rela *r, size_t n)
{
	for (; n > 0; n--, r++)
		if (ELF64_R_TYPE(r->r_info) == RELATIVE)
			*word(base, r->r_offset) = base + (uintptr_t)r->r_addend;
}

/* An even entry is the address of one word to relocate; each bit of an odd one, from bit 1 on,
 * stands for one of the 63 words behind the last. */
static void apply_relr(uintptr_t base, const uint64_t *r, size_t n)
{
	uintptr_t *at = NULL;

	for (; n > 0; n--, r++) {
		if (!(*r & 1)) {
			at = word(base, *r);
			*at++ += base;
			continue;
		}
		for (unsigned i = 0; i < 63; i++)
			if (*r >> (i + 1) & 1)
				at[i] += base;
		at += 63;
	}
}

static uintptr_t dynamic(uint64_t tag)
{
	for (const Elf64_Dyn *d = _DYNAMIC; d->d_tag != DT_NULL; d++)
		if ((uint64_t)d->d_tag == tag)
			return d->d_un.d_val;
	return 0;
}

void start_program(uintptr_t *stack)
{
	uintptr_t base = (uintptr_t)__ehdr_start;

	if (!lz4_unpack(image, (size_t)(image_end - image), packed, (size_t)(image - packed)))
		__builtin_trap();
	apply_rela(base, (const Elf64_Rela *)word(base, dynamic(DT_RELA)),
		dynamic(DT_RELASZ) / sizeof(Elf64_Rela));
	apply_relr(base, word(base, dynamic(TAG_RELR)), dynamic(TAG_RELRSZ) / sizeof(uint64_t));
	__libc_start_main(main, (int)stack[0], (char **)(stack + 1), _init, _fini, NULL);
	__builtin_unreachable();
}

/* Before main: constants and relocated tables become read-only, which musl does for dynamic
 * programs only. */
__attribute__((constructor)) static void protect(void)
{
	uintptr_t base = (uintptr_t)__ehdr_start, mask = ~(uintptr_t)(getauxval(AT_PAGESZ) - 1);
	const Elf64_Ehdr *head = (const Elf64_Ehdr *)base;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)word(base, head->e_phoff);

	for (unsigned i = 0; i < head->e_phnum; i++) {
		uintptr_t from = (base + segment[i].p_vaddr) & mask;
		uintptr_t to = (base + segment[i].p_vaddr + segment[i].p_memsz) & mask;

		if (segment[i].p_type == PT_GNU_RELRO && to > from &&
			mprotect((void *)from, to - from, PROT_READ))
			__builtin_trap();
	}
}

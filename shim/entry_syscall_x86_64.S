/*
 * long syscall(long nr, ...): the two numbers by which a program confines itself are looked at, all others go to libc's
 * own. No stack frame: syscall(SYS_vfork) returns twice through the return address.
 */
	.hidden	mw_real_syscall, mw_syscall_seccomp, mw_syscall_result
	.text
	.globl	syscall
	.type	syscall, @function
syscall:
	.cfi_startproc
	cmpq	$317, %rdi		/* SYS_seccomp */
	je	mw_syscall_seccomp
	cmpq	$157, %rdi		/* SYS_prctl */
	je	mw_syscall_seccomp
	movq	mw_real_syscall(%rip), %rax
	testq	%rax, %rax
	je	1f
	jmp	*%rax
1:	movq	%rdi, %rax		/* before libc's is known: as libc does it */
	movq	%rsi, %rdi
	movq	%rdx, %rsi
	movq	%rcx, %rdx
	movq	%r8, %r10
	movq	%r9, %r8
	movq	8(%rsp), %r9
	syscall
	cmpq	$-4095, %rax
	jae	2f
	ret
2:	movq	%rax, %rdi
	jmp	mw_syscall_result
	.cfi_endproc
	.size	syscall, .-syscall
	.section .note.GNU-stack, "", @progbits

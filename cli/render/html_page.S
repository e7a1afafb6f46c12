/* The page of the HTML report, put together by scripts/page: what comes before and behind the data. */
	.section .rodata
	.global html_page_begin, html_page_begin_end, html_page_end, html_page_end_end
	.hidden html_page_begin, html_page_begin_end, html_page_end, html_page_end_end
html_page_begin:
	.incbin "begin"
html_page_begin_end:
html_page_end:
	.incbin "end"
html_page_end_end:
	.section .note.GNU-stack, "", @progbits

/** Samples of folded, cut and too long responses; the format is the one of sample.ts. @module */

/** Responses that a reader has trouble with. */
export const ODD_RESPONSES = String.raw`
# folded values
~ expects GET
> HTTP/1.1 200 OK
> A: b
>  c
> D: e \t
> \t \tf \x20
> G:
>  h
> I: j
> \x20
> K:
> \x20
> L: m\r\n n\r\n\to
> Content-Length: 0
>
= head 200 OK 1.1 0 bytes keep
= field A: b   c
= field D: e       f
= field G: h
= field I: j
= field K:\x20
= field L: m   n   o
= field Content-Length: 0
= end

# a folded length
~ expects GET
> HTTP/1.1 200 OK
> Content-Length:
>  2
>
>> ab
= head 200 OK 1.1 2 bytes keep
= body ab
= end

# a folded trailer field
~ expects GET
> HTTP/1.1 200 OK
> Transfer-Encoding: chunked
>
> 0
> A: b
>  c\x20
> D:
> \te
>
= head 200 OK 1.1 chunked keep
= trailer A: b c
= trailer D: e
= end

# the answers to several requests
~ expects GET GET
> HTTP/1.1 200 OK
> Content-Length: 1
>
>> a
> HTTP/1.1 200 OK
> Content-Length: 1
>
>> b
= head 200 OK 1.1 1 bytes keep
= body a
= end
= head 200 OK 1.1 1 bytes keep
= body b
= end

# an answer that nobody asked for
> HTTP/1.1 200 OK
! ERR_HTTP_INVALID_START_LINE

# a second answer
~ expects GET
> HTTP/1.1 200 OK
> Content-Length: 0
>
> HTTP/1.1 200 OK
= head 200 OK 1.1 0 bytes keep
= end
! ERR_HTTP_INVALID_START_LINE

# bytes behind the answer
~ expects GET
> HTTP/1.1 200 OK
> Content-Length: 1
>
>> ab
= head 200 OK 1.1 1 bytes keep
= body a
= end
! ERR_HTTP_INVALID_START_LINE

# the end between answers
~ expects GET
> HTTP/1.1 200 OK
> Content-Length: 0
>
$
= head 200 OK 1.1 0 bytes keep
= end

# cut off in the status line
~ expects GET
>> HTTP/1.1 20
$
! ERR_HTTP_INCOMPLETE

# cut off in the fields
~ expects GET
> HTTP/1.1 200 OK
> A: b
$
! ERR_HTTP_INCOMPLETE

# cut off in content with a length
~ expects GET
> HTTP/1.1 200 OK
> Content-Length: 5
>
>> hell
$
= head 200 OK 1.1 5 bytes keep
= body hell
! ERR_HTTP_INCOMPLETE

# cut off in chunks
~ expects GET
> HTTP/1.1 200 OK
> Transfer-Encoding: chunked
>
> 5
> hello
$
= head 200 OK 1.1 chunked keep
= body hello
! ERR_HTTP_INCOMPLETE

# a status line above the limit
~ expects GET
~ maxStartLine=20
> HTTP/1.1 200 123456789
! ERR_HTTP_START_LINE_TOO_LONG

# a status line without end
~ expects GET
~ maxStartLine=20
>> HTTP/1.1 200 \90*a
! ERR_HTTP_START_LINE_TOO_LONG

# a head above the limit
~ expects GET
~ maxHead=40
> HTTP/1.1 200 OK
>> A: \90*a
! ERR_HTTP_HEAD_TOO_LARGE

# folds above the limit
~ expects GET
~ maxHead=40
> HTTP/1.1 200 OK
> A: b
>> \20* a\r\n
! ERR_HTTP_HEAD_TOO_LARGE

# fields above the limit
~ expects GET
~ maxFields=1
> HTTP/1.1 200 OK
> A: b
> C: d
! ERR_HTTP_HEAD_TOO_LARGE
`;

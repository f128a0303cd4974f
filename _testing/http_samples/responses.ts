/** Samples of responses; the format is the one of sample.ts. @module */

/** Whole responses with the events that they make. */
export const RESPONSES = String.raw`
# a response with a length
~ expects GET
> HTTP/1.1 200 OK
> Content-Length: 5
> X-A:  b\t
> x-a: c
>
>> hello
= head 200 OK 1.1 5 bytes keep
= field Content-Length: 5
= field X-A: b
= field x-a: c
= body hello
= end

# an empty response
~ expects GET
> HTTP/1.1 200 OK
> Content-Length: 0
>
= head 200 OK 1.1 0 bytes keep
= end

# a reason of several words
~ expects GET
> HTTP/1.1 404 Not\tFound, caf\xe9
> Content-Length: 0
>
= head 404 Not\tFound, caf\xe9 1.1 0 bytes keep
= end

# no reason
~ expects GET
> HTTP/1.1 200\x20
> Content-Length: 0
>
= head 200 - 1.1 0 bytes keep
= end

# neither a reason nor the space before it
~ expects GET
> HTTP/1.1 200
> Content-Length: 0
>
= head 200 - 1.1 0 bytes keep
= end

# a status beyond those that are known
~ expects GET
> HTTP/1.1 799 Odd
> Content-Length: 0
>
= head 799 Odd 1.1 0 bytes keep
= end

# a higher minor version
~ expects GET
> HTTP/1.7 200 OK
> Content-Length: 0
>
= head 200 OK 1.1 0 bytes keep
= end

# content up to the end
~ expects GET
> HTTP/1.1 200 OK
>
>> hello
$
= head 200 OK 1.1 close drop
= body hello
= end

# no content up to the end
~ expects GET
> HTTP/1.1 200 OK
>
$
= head 200 OK 1.1 close drop
= end

# content up to the end in HTTP/1.0
~ expects GET
> HTTP/1.0 200 OK
> Connection: keep-alive
>
>> a\r\n\r\nHTTP/1.1 200 OK
$
= head 200 OK 1.0 close drop
= body a\r\n\r\nHTTP/1.1 200 OK
= end

# content up to the end above the limit
~ expects GET
~ maxBody=4
> HTTP/1.1 200 OK
>
>> abcdefgh
! ERR_HTTP_BODY_TOO_LARGE

# content with a length above the limit
~ expects GET
~ maxBody=4
> HTTP/1.1 200 OK
> Content-Length: 5
>
! ERR_HTTP_BODY_TOO_LARGE

# a length above the limit without content
~ expects HEAD
~ maxBody=4
> HTTP/1.1 200 OK
> Content-Length: 5
>
= head 200 OK 1.1 none keep
= end

# HTTP/1.0 without keep-alive
~ expects GET
> HTTP/1.0 200 OK
> Content-Length: 1
>
>> x
= head 200 OK 1.0 1 bytes drop
= body x
= end

# HTTP/1.0 with keep-alive
~ expects GET
> HTTP/1.0 200 OK
> Content-Length: 1
> Connection: Keep-Alive
>
>> x
= head 200 OK 1.0 1 bytes keep
= body x
= end

# HTTP/1.0 with chunks
~ expects GET
> HTTP/1.0 200 OK
> Transfer-Encoding: chunked
>
! ERR_HTTP_INVALID_FRAMING

# close
~ expects GET
> HTTP/1.1 200 OK
> Content-Length: 1
> Connection: Close
>
>> x
= head 200 OK 1.1 1 bytes drop
= body x
= end

# chunks
~ expects GET
> HTTP/1.1 200 OK
> Transfer-Encoding: chunked
>
> 3;x=y
> abc
> 0
> Digest: d
> Content-Length: 8
>
= head 200 OK 1.1 chunked keep
= body abc
= trailer Digest: d
= end

# chunks outweigh a length, and nothing comes behind
~ expects GET
> HTTP/1.1 200 OK
> Content-Length: 100
> Transfer-Encoding: chunked
>
> 1
> a
> 0
>
= head 200 OK 1.1 chunked drop
= body a
= end

# a length in a list that repeats it
~ expects GET
> HTTP/1.1 200 OK
> Content-Length: 2, 2
> Content-Length:2
>
>> ab
= head 200 OK 1.1 2 bytes keep
= body ab
= end

# an unknown coding goes up to the end
~ expects GET
> HTTP/1.1 200 OK
> Transfer-Encoding: gzip
>
>> abc
$
= head 200 OK 1.1 close drop
= body abc
= end

# an unknown coding before chunks
~ expects GET
> HTTP/1.1 200 OK
> Transfer-Encoding: gzip, chunked
>
! ERR_HTTP_TRANSFER_CODING

# the answer to HEAD
~ expects HEAD GET
> HTTP/1.1 200 OK
> Content-Length: 5
>
> HTTP/1.1 200 OK
> Content-Length: 1
>
>> x
= head 200 OK 1.1 none keep
= end
= head 200 OK 1.1 1 bytes keep
= body x
= end

# the answer to HEAD with chunks
~ expects HEAD
> HTTP/1.1 200 OK
> Transfer-Encoding: chunked
>
= head 200 OK 1.1 none keep
= end

# no content
~ expects DELETE
> HTTP/1.1 204 No Content
> Content-Length: 5
>
= head 204 No Content 1.1 none keep
= end

# not modified
~ expects GET
> HTTP/1.1 304 Not Modified
> Content-Length: 5
> Transfer-Encoding: chunked
>
= head 304 Not Modified 1.1 none drop
= end

# 205 has its content told as any other
~ expects GET
> HTTP/1.1 205 Reset Content
> Content-Length: 0
>
= head 205 Reset Content 1.1 0 bytes keep
= end

# interim responses come before the answer
~ expects POST
> HTTP/1.1 100 Continue
>
> HTTP/1.1 103 Early Hints
> Link: </a>
>
> HTTP/1.1 200 OK
> Content-Length: 0
>
= head 100 Continue 1.1 none keep
= field
= end
= head 103 Early Hints 1.1 none keep
= field Link: </a>
= end
= head 200 OK 1.1 0 bytes keep
= field Content-Length: 0
= end

# an interim response has no content whatever it says
~ expects POST
> HTTP/1.1 102 Processing
> Content-Length: 5
>
> HTTP/1.1 200 OK
> Content-Length: 0
>
= head 102 Processing 1.1 none keep
= end
= head 200 OK 1.1 0 bytes keep
= end

# switching protocols is the answer
~ expects GET
> HTTP/1.1 101 Switching Protocols
> Connection: Upgrade
> Upgrade: websocket
>
= head 101 Switching Protocols 1.1 none keep upgrade:websocket
= end

# Upgrade that Connection does not name
~ expects GET
> HTTP/1.1 426 Upgrade Required
> Upgrade: websocket
> Content-Length: 0
>
= head 426 Upgrade Required 1.1 0 bytes keep
= end

# a tunnel
~ expects CONNECT
> HTTP/1.1 200 Connection established
>
= head 200 Connection established 1.1 none keep
= end

# a tunnel whatever its fields say
~ expects CONNECT
> HTTP/1.0 299 OK
> Content-Length: x
> Transfer-Encoding: chunked
>
= head 299 OK 1.0 none drop
= end

# no tunnel
~ expects CONNECT
> HTTP/1.1 407 No
> Content-Length: 2
>
>> no
= head 407 No 1.1 2 bytes keep
= body no
= end
`;

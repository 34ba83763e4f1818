//! One definition of a field, two readers: the async-graphql object and the writer of JSON bytes.

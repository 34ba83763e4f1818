//! The two readers of one definition, side by side: async-graphql's object and the direct writer, over pages of paths
//! with their hops and evidence. What counts is the ratio; docs/adr/0001-field-definition.md has the figures.

mod fleet;

use async_graphql::parser::parse_query;
use async_graphql::{Request, Variables};
use criterion::{Criterion, criterion_group, criterion_main};
use resolvers::{Access, Plan, RequestContext};

fn readers(criterion: &mut Criterion) {
    let context = RequestContext::new(fleet::fleet(1000), [].into(), fleet::SEEN.at, Access::unlimited());
    let schema = resolvers::schema().finish();
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let none = Variables::default();
    for first in [1, 100] {
        let query = format!(
            "{{ paths(first: {first}) {{ totalCount nodes {{ id entry location port state asOf stale guest {{ vmid name }} \
             hops {{ kind state stale candidateCount collectedAt evidence {{ rule detail }} }} }} }} }}"
        );
        let document = parse_query(&query).expect("a document");
        let plan = Plan::compile(&document, None, &none).expect("a plan");
        let resolve = || {
            let request = Request::new(&query).data(context.clone());
            serde_json::to_vec(&runtime.block_on(schema.execute(request)).data).expect("JSON")
        };
        let (written, errors) = plan.run(&context);
        assert!(errors.is_empty() && written == resolve(), "the two readers differ");
        let mut group = criterion.benchmark_group(format!("paths/{first}"));
        group.throughput(criterion::Throughput::Bytes(written.len() as u64));
        group.bench_function("async-graphql", |bencher| bencher.iter(resolve));
        group.bench_function("writer, compiled each time", |bencher| {
            bencher.iter(|| {
                let document = parse_query(&query).expect("a document");
                Plan::compile(&document, None, &none).expect("a plan").run(&context)
            });
        });
        group.bench_function("writer", |bencher| bencher.iter(|| plan.run(&context)));
        group.finish();
    }
}

criterion_group!(benches, readers);
criterion_main!(benches);

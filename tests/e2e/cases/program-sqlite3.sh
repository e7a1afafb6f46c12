# A real program, the same with and without memwatch: sqlite3.
. "$TOP/tests/e2e/lib.sh"
needs sqlite3

cat >work.sql <<'END'
create table t(a integer, b text);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
insert into t select i, i * 7919 % 10007 from n;
create index i on t(b);
select count(*), sum(a), max(b) from t where b > '5';
END
same_as_native sh -c 'sqlite3 :memory: <work.sql'

// pg, with a pool, against a real PostgreSQL: types, transactions, errors, notifications, many queries at once.
import { once } from 'node:events';
import pg from 'pg';

const pool = new pg.Pool({
  host: '127.0.0.1',
  port: Number(process.env.POSTGRES_PORT),
  user: 'aevent',
  database: 'postgres',
  max: 4,
});
const table = `people_${process.pid}`;
await pool.query(
  `CREATE TABLE ${table} (id serial PRIMARY KEY, name text NOT NULL, born date, tags text[], about jsonb)`,
);
try {
  const insert = `INSERT INTO ${table} (name, born, tags, about) VALUES ($1, $2, $3, $4) RETURNING id`;
  for (const name of ['Ada', 'Grace', 'Barbara']) {
    const { rows } = await pool.query(insert, [name, '1900-01-02', [name, 'b'], { first: name[0] }]);
    console.log(name, rows[0].id);
  }
  const { rows, fields } = await pool.query(`SELECT *, born::text AS born FROM ${table} ORDER BY id`);
  console.log(
    JSON.stringify(rows.map(({ born, ...row }) => ({ ...row, born: String(born) }))),
    fields.length,
  );

  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(`DELETE FROM ${table}`);
  await client.query('ROLLBACK');
  console.log((await client.query(`SELECT count(*)::int AS n FROM ${table}`)).rows);
  await client.query('LISTEN news');
  const heard = once(client, 'notification');
  await pool.query(`SELECT pg_notify('news', 'hear hear')`);
  console.log((await heard)[0].payload);
  client.release();

  for (const text of ['SELECT 1 / 0', 'SELECT nonsense', `INSERT INTO ${table} (name) VALUES (NULL)`]) {
    await pool.query(text).catch(({ code, message }) => console.log(code, message.replace(table, 'people')));
  }
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, i) => pool.query('SELECT $1::int * 2 AS twice', [i])),
  );
  console.log(answers.map(({ rows: [row] }) => row.twice).join(), pool.totalCount);
  const big = await pool.query('SELECT i, repeat($1, 100) AS text FROM generate_series(1, 5000) AS i', ['x']);
  console.log(big.rows.length, big.rows.at(-1).i);
} finally {
  await pool.query(`DROP TABLE ${table}`);
  await pool.end();
}
console.log('ended');

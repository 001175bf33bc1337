// Makes the replica set and the service's user; run again, it changes nothing.
const { readFileSync } = require('node:fs');
const members = Number(process.env.MEMBERS ?? 3);
const host = (n) => (process.env.HOSTS ?? 'mongodb-%.mongodb:27017').replace('%', n);
const first = Number(process.env.FIRST ?? 0);
const wait = (what, done) => { for (let n = 0; !done(); n++) { if (n > 120) throw new Error('no ' + what); sleep(1000); } };

const admin = db.getSiblingDB('admin');
try {
  rs.status();
} catch (e) {
  if (e.codeName !== 'NotYetInitialized') throw e;
  rs.initiate({ _id: 'fresque', members: [...Array(members).keys()].map((n) => ({ _id: n, host: host(n + first) })) });
}
wait('primary', () => admin.hello().primary);
const primary = new Mongo(`mongodb://${admin.hello().primary}/?directConnection=true`);
primary.getDB('admin').auth('root', readFileSync('/run/secrets/mongodb/root-password', 'utf8').trim());
const ours = primary.getDB('fresque');
if (!ours.getUser('fresque')) {
  ours.createUser({ user: 'fresque', pwd: readFileSync('/run/secrets/mongodb/password', 'utf8').trim(), roles: [{ role: 'readWrite', db: 'fresque' }] });
}

// The memory behind the curves' day tables, bounded for the whole thread: when there is no more room, the tables that
// were made first are taken away, and their curves compute what they are asked for anew.

/** What a curve without a table has. */
export const emptyTable = new Float64Array(0);

interface TableOwner {
  table: Float64Array;
}

/**
 * All tables of a thread. 64 MiB hold those of some 250 curves with trades of 30 to 90 years; a snapshot has a few
 * dozen curves at most that trades ask for.
 */
const tablesBytesMax = 64 * 1024 * 1024;
/** Days of a first table: eleven years. */
const daysMin = 4096;

/** Owners in the order their tables were made or grew. */
const owners = new Set<TableOwner>();
let bytes = 0;

/** Tables there are and their bytes. */
export function dayTables(): { readonly tables: number; readonly bytes: number } {
  return { tables: owners.size, bytes };
}

/** Gives a curve a table of at least `daysNeeded` days, at most `daysMax`, with the days it knows already. */
export function resizeTable(owner: TableOwner, daysNeeded: number, daysMax: number): void {
  const doubled = Math.max(daysMin, owner.table.length * 2);
  let days = doubled;
  while (days < daysNeeded) days *= 2;
  const table = new Float64Array(Math.min(days, daysMax));
  table.set(owner.table);
  table.fill(Number.NaN, owner.table.length);
  release(owner);
  owner.table = table;
  owners.add(owner);
  bytes += table.byteLength;
  for (const oldest of owners) {
    if (bytes <= tablesBytesMax || oldest === owner) break;
    release(oldest);
  }
}

function release(owner: TableOwner): void {
  if (!owners.delete(owner)) return;
  bytes -= owner.table.byteLength;
  owner.table = emptyTable;
}

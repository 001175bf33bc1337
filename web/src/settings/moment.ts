/** A time of the API as a field shows it, in the device's own time; empty for none. */
export function localMoment(moment: string | undefined): string {
  const at = Date.parse(moment ?? '');
  if (Number.isNaN(at)) return '';
  return new Date(at - new Date(at).getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/** What a field says, as the API reads it (RFC 3339); undefined for what is no time. */
export function momentOf(local: string): string | undefined {
  const at = Date.parse(local);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

// Variables of the environment as options are read from them.

/** The text without blanks around it; `undefined` for what counts as not set. */
export function variableText(
  environment: Readonly<Record<string, string | undefined>>,
  name: string,
): string | undefined {
  const text = environment[name]?.trim() ?? '';
  return text === '' || isServiceLink(name, text) ? undefined : text;
}

/**
 * Kubernetes puts variables for every Service into every container (`CLUSTER_PORT=tcp://10.0.0.1:80` for one named
 * `cluster`). They are not meant for us, even when they bear our names.
 */
export function isServiceLink(name: string, text: string): boolean {
  return (
    /^(tcp|udp|sctp):\/\//.test(text) ||
    /_SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)$/.test(name) ||
    /_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?$/.test(name)
  );
}

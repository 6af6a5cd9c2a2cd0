// What the command makes of options: those of a node of the toolkit, and those that stand beside them.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkedOptions, planOf } from '../../src/planned-node.ts';
import { nodeProblem } from '../../src/planned-place.ts';
import { isOptionError, systemRuntime } from '../../src/runtime/index.ts';
import { Authority, CertificateFiles } from '../remoting/certificates.ts';

const ports = (environment: Readonly<Record<string, string>> = {}) => ({
  environment,
  runtime: systemRuntime(),
});

describe('options of an application', () => {
  it('are let be, as flags and in the environment', async () => {
    const { host, optionsUnknown } = await planOf(
      ['--http.port', '7777', '--remote.host', '10.0.0.1', '--worker.threads', '1'],
      ports({ PARVI_SHOP: '1' }),
    );
    expect(host).toBe('10.0.0.1');
    expect(optionsUnknown).toEqual(['PARVI_SHOP', 'http.port', 'worker.threads']);
  });

  it('are none in a section of the toolkit, and hide nothing that is wrong', async () => {
    for (const words of [
      ['--remote.prot', '1'],
      ['--http.port', '1', '--remote.prot', '1'],
    ]) {
      await expect(planOf(words, ports())).rejects.toThrow('Cannot use "remote.prot"');
    }
    await expect(
      planOf(['--http.port', '1', '--remote.transport', 'tls-tcp'], ports()),
    ).rejects.toThrow('remote.tls.keyFile');
  });
});

it('takes options for checked when a node would be started with them', async () => {
  const words = ['--cluster.split-brain.strategy', 'static-quorum'];
  await expect(checkedOptions(words, ports())).rejects.toThrow('cluster.splitBrain.quorumSize');
  const quorum = ['--cluster.split-brain.quorum-size', '2'];
  const { options, elsewhere } = await checkedOptions([...words, ...quorum], ports());
  expect(options).toContainEqual(
    expect.objectContaining({ key: 'cluster.splitBrain.quorumSize', shown: '2' }),
  );
  expect(elsewhere).toBeUndefined();
});

describe('what a node wants of Kubernetes', () => {
  const wanted = [
    [['--cluster.split-brain.strategy', 'lease-majority']],
    [['--kubernetes.pod-deletion-cost']],
    [['--kubernetes.app-version-from-revision']],
  ];

  it.each(wanted)('is told to be missing outside of a pod, and only there: %j', async (words) => {
    const outside = expect.stringContaining('KUBERNETES_SERVICE_HOST is not set');
    expect(await planOf(words, ports())).toMatchObject({ kubernetesProblem: outside });
    expect(await checkedOptions(words, ports())).toMatchObject({ elsewhere: outside });
    const pod = ports({ KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' });
    expect(await planOf(words, pod)).toMatchObject({ kubernetesProblem: undefined });
    const named = [...words, '--kubernetes.api-server', 'https://10.0.0.1'];
    expect(await checkedOptions(named, ports())).toMatchObject({ elsewhere: undefined });
  });
});

it('knows a Node that is too old for a node', () => {
  expect(nodeProblem('20.20.2')).toContain('needs Node 22.15 or newer');
  expect(nodeProblem()).toBeUndefined();
});

describe('files of management', () => {
  const refusal = async (...words: readonly string[]): Promise<unknown> => {
    const all = ['--management.enabled', ...words];
    const [checked, planned] = await Promise.all(
      [checkedOptions(all, ports()), planOf(all, ports())].map((each) =>
        each.catch((error: unknown) => error),
      ),
    );
    expect(planned).toEqual(checked);
    expect(isOptionError(checked)).toBe(true);
    return checked;
  };

  it('are read as the start reads them: that of the secret', async () => {
    const scheme = ['--management.authentication.scheme', 'bearer'];
    const file = ['--management.authentication.secret-file', '/no/such/file'];
    expect(await refusal(...scheme, ...file)).toMatchObject({
      code: 'MANAGEMENT_SECRET_UNREADABLE',
      message: expect.stringContaining('Cannot use "/no/such/file" as the secret of management'),
    });
  });

  it('are read as the start reads them: authorities of clients without a certificate', async () => {
    const authority = new Authority();
    const files = new CertificateFiles('garbage', authority.issue({ name: 'one' }));
    const { keyFile = '', certFile = '', caFile = '' } = files.options;
    try {
      const own = ['--management.tls.key-file', keyFile, '--management.tls.cert-file', certFile];
      expect(await refusal(...own, '--management.tls.client-ca-file', caFile)).toMatchObject({
        code: 'MANAGEMENT_TLS_FILES_INVALID',
        message: `Cannot use "${caFile}" for TLS of management: it holds no certificate in PEM`,
      });
    } finally {
      files.remove();
    }
  });

  it('are read as the start reads them: a key that is not that of its certificate', async () => {
    const authority = new Authority();
    const one = authority.issue({ name: 'one' });
    const folder = mkdtempSync(join(tmpdir(), 'parvi-planned-'));
    try {
      const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
      writeFileSync(cert, one.cert);
      writeFileSync(key, authority.issue({ name: 'other' }).key);
      const words = ['--management.tls.key-file', key, '--management.tls.cert-file', cert];
      expect(await refusal(...words)).toMatchObject({ code: 'MANAGEMENT_TLS_FILES_INVALID' });
      writeFileSync(key, one.key);
      await expect(planOf(['--management.enabled', ...words], ports())).resolves.toBeDefined();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('certificates', () => {
  const authority = new Authority();
  const inFiles = async (
    use: (flags: (section: string, ca: string) => string[]) => Promise<void>,
  ) => {
    const own = authority.issue({ name: 'one', validity: [2020, 2023] });
    const files = new CertificateFiles(authority.cert, own);
    const { keyFile = '', certFile = '', caFile = '' } = files.options;
    try {
      await use((section, ca) => [
        ...[`--${section}.tls.key-file`, keyFile, `--${section}.tls.cert-file`, certFile],
        ...[`--${section}.tls.${ca}`, caFile],
      ]);
    } finally {
      files.remove();
    }
  };
  const planned = async (...words: readonly string[]) =>
    (await planOf(words, ports())).certificates.map(({ option, certificates }) => [
      option,
      ...certificates.map(({ subject, toMs }) => `${subject} ${new Date(toMs).getUTCFullYear()}`),
    ]);
  const management = ['--management.enabled'];
  const found = [...management, '--bootstrap.enabled', '--discovery.config.endpoints', 'a,b'];

  it('are planned of remoting, management and bootstrap, with their times', () =>
    inFiles(async (files) => {
      const remoting = ['--remote.transport', 'tls-tcp', ...files('remote', 'ca-file')];
      expect(await planned(...remoting)).toEqual([
        ['remote.tls.certFile', 'CN=one 2023'],
        ['remote.tls.caFile', 'CN=Test Authority 2049'],
      ]);
      expect(await planned(...management, ...files('management', 'client-ca-file'))).toEqual([
        ['management.tls.certFile', 'CN=one 2023'],
        ['management.tls.clientCaFile', 'CN=Test Authority 2049'],
      ]);
      expect(await planned(...found, ...files('bootstrap', 'ca-file'))).toEqual([
        ['bootstrap.tls.certFile', 'CN=one 2023'],
        ['bootstrap.tls.caFile', 'CN=Test Authority 2049'],
      ]);
    }));

  it.each([
    ['10.0.0.1', [], undefined],
    ['node-1.example', [], undefined],
    ['node-2.example', [], 'node-2.example'],
    ['10.0.0.2', [], '10.0.0.2'],
    ['999.0.0.1', [], '999.0.0.1'],
    ['[fd00::1]', [], '[fd00::1]'],
    ['node-2.example', ['--remote.tls.hostname-verification', 'false'], undefined],
  ])('of remoting are held against the host "%s", with %j', async (host, words, hostMissing) => {
    const one = authority.issue({ name: 'one', hosts: ['node-1.example', '10.0.0.1'] });
    const files = new CertificateFiles(authority.cert, one);
    const { keyFile = '', certFile = '', caFile = '' } = files.options;
    const all = { 'key-file': keyFile, 'cert-file': certFile, 'ca-file': caFile };
    const given = Object.entries(all).flatMap(([name, path]) => [`--remote.tls.${name}`, path]);
    try {
      const tls = ['--remote.transport', 'tls-tcp', ...given, ...words];
      const { certificates } = await planOf(['--remote.host', host, ...tls], ports());
      expect(certificates.map((file) => file.hostMissing)).toEqual([hostMissing, undefined]);
    } finally {
      files.remove();
    }
  });

  it('are not looked at where nobody will', () =>
    inFiles(async (files) => {
      expect(await planned(...files('management', 'client-ca-file'))).toEqual([]);
      const seeds = ['--cluster.seed-nodes', '10.0.0.1:25520'];
      expect(await planned(...found, ...seeds, ...files('bootstrap', 'ca-file'))).toEqual([]);
    }));
});

describe('files of TLS', () => {
  type Files = Readonly<Record<'keyFile' | 'certFile' | 'caFile', string>>;

  const authority = new Authority();
  const variables = (section: string, files: Partial<Files>) =>
    Object.fromEntries(
      Object.entries(files).map(([name, path]) => {
        const key = name.replace('File', '_file').toUpperCase();
        return [`PARVI_${section}_TLS_${key}`, path];
      }),
    );
  const refusal = async (environment: Readonly<Record<string, string>>): Promise<unknown> => {
    const [checked, planned] = await Promise.all(
      [checkedOptions([], ports(environment)), planOf([], ports(environment))].map((each) =>
        each.then(
          () => undefined,
          (error: unknown) => error,
        ),
      ),
    );
    expect(planned).toEqual(checked);
    expect(checked === undefined || isOptionError(checked)).toBe(true);
    return checked;
  };
  const remoting = (files: Files) => ({
    PARVI_REMOTE_TRANSPORT: 'tls-tcp',
    ...variables('REMOTE', files),
  });
  const bootstrap = (files: Partial<Files>) => ({
    PARVI_MANAGEMENT_ENABLED: 'true',
    PARVI_BOOTSTRAP_ENABLED: 'true',
    PARVI_DISCOVERY_CONFIG_ENDPOINTS: '10.0.0.1,10.0.0.2',
    ...variables('BOOTSTRAP', files),
  });
  const cases = [
    ['remoting', remoting, 'REMOTE_TLS_FILES_INVALID'],
    ['bootstrap', bootstrap, 'BOOTSTRAP_OPTION_INVALID'],
  ] as const;

  const withFiles = async (use: (files: Files) => Promise<void>): Promise<void> => {
    const files = new CertificateFiles(authority.cert, authority.issue({ name: 'one' }));
    try {
      const { keyFile, certFile, caFile } = files.options;
      await use({ keyFile, certFile, caFile });
    } finally {
      files.remove();
    }
  };

  it.each(cases)('of %s are let through when they can be used', (_part, environment) =>
    withFiles(async (files) => {
      expect(await refusal(environment(files))).toBeUndefined();
    }),
  );

  it.each(cases)('of %s are refused when one is not there', (_part, environment, code) =>
    withFiles(async (files) => {
      for (const name of ['keyFile', 'certFile', 'caFile']) {
        const error = await refusal(environment({ ...files, [name]: '/no/such/file' }));
        const message = expect.stringMatching(/"\/no\/such\/file".*ENOENT/);
        expect(error).toMatchObject({ code, message });
      }
    }),
  );

  it.each(cases)(
    'of %s are refused when one is no regular file, or huge',
    (_part, environment, code) =>
      withFiles(async (files) => {
        const folder = mkdtempSync(join(tmpdir(), 'parvi-planned-'));
        const [pipe, huge, link] = [
          join(folder, 'pipe'),
          join(folder, 'huge'),
          join(folder, 'link'),
        ];
        execFileSync('mkfifo', [pipe]);
        writeFileSync(huge, Buffer.alloc(1024 * 1024 + 1));
        symlinkSync(files.certFile, link);
        try {
          for (const [path, why] of [
            [pipe, 'it is no regular file'],
            [folder, 'it is no regular file'],
            [huge, 'it has 1048577 bytes'],
          ] as const) {
            const error = await refusal(environment({ ...files, certFile: path }));
            expect(error).toMatchObject({ code, message: expect.stringContaining(why) });
          }
          expect(await refusal(environment({ ...files, certFile: link }))).toBeUndefined();
        } finally {
          rmSync(folder, { recursive: true });
        }
      }),
  );

  it.each(cases)('of %s are refused when TLS does not take them', (_part, environment, code) =>
    withFiles(async (files) => {
      const whole = readFileSync(files.certFile, 'utf8');
      const broken = '-----BEGIN CERTIFICATE-----\nMII-\n-----END CERTIFICATE-----\n';
      writeFileSync(files.certFile, `${whole}\n${broken}`);
      expect(await refusal(environment(files))).toMatchObject({ code });
    }),
  );

  it.each(cases)('of %s are refused when one is no PEM', (_part, environment, code) =>
    withFiles(async (files) => {
      for (const path of Object.values(files)) {
        const before = readFileSync(path);
        writeFileSync(path, 'not PEM');
        expect(await refusal(environment(files))).toMatchObject({ code });
        writeFileSync(path, before);
      }
    }),
  );

  it.each(cases)(
    'of %s are refused when the key is that of another certificate',
    (_part, environment, code) =>
      withFiles(async (files) => {
        writeFileSync(files.keyFile, authority.issue({ name: 'other' }).key);
        const message = expect.stringContaining('the key must be that of the first certificate');
        expect(await refusal(environment(files))).toMatchObject({ code, message });
      }),
  );

  it('of bootstrap are let be by who joins by seed nodes', async () => {
    const environment = bootstrap({ caFile: '/no/such/file' });
    expect(await refusal(environment)).toBeDefined();
    const seeds = { PARVI_CLUSTER_SEED_NODES: '10.0.0.1:25520' };
    expect(await refusal({ ...environment, ...seeds })).toBeUndefined();
  });
});

it.each([
  [['--remote.host', 'node.example', '--remote.bind-host', '0.0.0.0'], '0.0.0.0'],
  [['--remote.bind-host', '0.0.0.0', '--management.host', '10.0.0.1'], '10.0.0.1'],
  [['--remote.host', '10.0.0.1'], '10.0.0.1'],
])('plans management where the node listens: %j', async (words, host) => {
  const { management } = await planOf(['--management.enabled', ...words], ports());
  expect(management).toEqual({ host, port: 7626 });
});

describe('contact points', () => {
  const bootstrap = (host: string) => [
    ...['--bootstrap.enabled', '--management.enabled', '--management.host', host],
    ...['--discovery.config.endpoints', '10.0.0.1:7626,10.0.0.2:7626,[fd00::3]:7626'],
  ];

  it.each([
    ['10.0.0.2', true, '10.0.0.2:7626'],
    ['10.0.0.4', false, '10.0.0.4:7626'],
    ['fd00:0::3', true, '[fd00:0::3]:7626'],
  ])('are searched for the node itself, %s', async (host, isSelfFound, self) => {
    const plan = await planOf(bootstrap(host), ports());
    expect(plan.bootstrap).toMatchObject({ self, isFixed: true, required: 2 });
    expect(await plan.bootstrap?.find()).toMatchObject({ isSelfFound });
  });
});

// A program as a user of the API would write it, with the generated types only: no `any`, no casts of answers.
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { print } from 'graphql';
import {
  AnyObjectDocument,
  EnterpriseByBinDocument,
  EnterpriseListDocument,
  LimitsDocument,
  PublicMapDocument,
  SetHeadcountDocument,
  type EnterpriseListQuery,
  type EnterpriseUpdateErrorCode,
} from './generated/client.ts';

interface Answer<Data> {
  data: Data | null;
  errors?: { path?: (string | number)[]; extensions: { code: string } }[];
}
type Send = (query: string, variables: object) => Promise<unknown>;
type Speaks = (person: string) => Send;

export async function send<Data, Variables extends object>(
  send: Send,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Answer<Data>> {
  return (await send(print(document), variables)) as Answer<Data>;
}

/** The data of an answer without errors. */
async function get<Data, Variables extends object>(
  by: Send,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data> {
  const { data, errors } = await send(by, document, variables);
  if (errors || !data) throw new Error(JSON.stringify(errors));
  return data;
}

function same<T>(found: T, expected: T): void {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) throw new Error(`found ${left}, expected ${right}`);
}

const bin = '210240000397';

export const checks: Record<string, (speaks: Speaks) => Promise<void>> = {
  'a list by pages has every enterprise once': async (speaks) => {
    const seen = new Set<string>();
    let [after, more, count, total]: [string | null, boolean, number, number | null] = [null, true, 0, null];
    while (more && count < 1000) {
      const by = speaks('demo-ministry');
      const { enterprises }: EnterpriseListQuery = await get(by, EnterpriseListDocument, { first: 25, after });
      for (const { node } of enterprises?.edges ?? []) seen.add(node.id);
      count += enterprises?.edges.length ?? 0;
      total = enterprises?.totalCount ?? null;
      after = enterprises?.pageInfo.endCursor ?? null;
      more = enterprises?.pageInfo.hasNextPage ?? false;
    }
    same([seen.size, count > 50], [count, true]);
    same(count, total ?? -1);
  },
  'exact numbers are strings': async (speaks) => {
    const { enterprise } = await get(speaks('demo-insurer'), EnterpriseByBinDocument, { bin, asOf: '2026-07-01' });
    same([enterprise?.tariff?.ratePercent, enterprise?.tariff?.coefficient], ['1.84', '1.4']);
  },
  'a change, and the same version again': async (speaks) => {
    const me = speaks('demo-employer_admin');
    const { enterprise } = await get(me, EnterpriseByBinDocument, { bin });
    if (!enterprise) throw new Error('no enterprise');
    const { id, version } = enterprise;
    const headcount = enterprise.headcount + 1;
    const first = await get(me, SetHeadcountDocument, { input: { id, version, headcount } });
    same(first.enterpriseUpdate?.userErrors, []);
    same(first.enterpriseUpdate?.enterprise?.headcount, headcount);
    const again = await get(me, SetHeadcountDocument, { input: { id, version, headcount: headcount + 1 } });
    const codes: EnterpriseUpdateErrorCode[] = again.enterpriseUpdate?.userErrors.map(({ code }) => code) ?? [];
    same(codes, ['CONFLICT']);
    same(again.enterpriseUpdate?.enterprise, null);
    const { node } = await get(me, AnyObjectDocument, { id });
    same(node?.__typename === 'Enterprise' ? node.headcount : -1, headcount);
  },
  'all that is wrong with an input comes at once': async (speaks) => {
    const me = speaks('demo-employer_admin');
    const { enterprise } = await get(me, EnterpriseByBinDocument, { bin });
    if (!enterprise) throw new Error('no enterprise');
    const input = { id: enterprise.id, version: enterprise.version, headcount: -1, latitude: '91' };
    const { enterpriseUpdate } = await get(me, SetHeadcountDocument, { input });
    const fields = enterpriseUpdate?.userErrors.map(({ field }) => field.at(-1) ?? '').sort();
    if (!fields?.includes('headcount') || !fields.includes('latitude')) throw new Error(`about ${fields}`);
  },
  'one who may not change is told so': async (speaks) => {
    const { enterprise } = await get(speaks('demo-ministry'), EnterpriseByBinDocument, { bin });
    if (!enterprise) throw new Error('no enterprise');
    const input = { id: enterprise.id, version: enterprise.version, headcount: 1 };
    const { data, errors } = await send(speaks('demo-analyst'), SetHeadcountDocument, { input });
    same(errors?.map(({ extensions }) => extensions.code), ['FORBIDDEN']);
    same(data?.enterpriseUpdate, null);
    const after = await get(speaks('demo-ministry'), EnterpriseByBinDocument, { bin });
    same(after.enterprise?.headcount, enterprise.headcount);
  },
  'the public needs no token': async (speaks) => {
    const { map } = await get(speaks('anonymous'), PublicMapDocument, {});
    if (!map || map.regions.length === 0) throw new Error('no regions');
    const { serviceConfig } = await get(speaks('anonymous'), LimitsDocument, {});
    same(serviceConfig.errorCodes.includes('FORBIDDEN'), true);
  },
};

// What the HTTP routes need of the grid: a part of what a controller's grid service offers, by its own types.

import type { GridService } from '../grid/index.ts';

export type GridApi = Pick<
  GridService,
  | 'submit'
  | 'submitReference'
  | 'jobs'
  | 'job'
  | 'results'
  | 'resultBlocks'
  | 'histogram'
  | 'watchJob'
  | 'cancel'
  | 'value'
  | 'snapshots'
  | 'snapshot'
  | 'putSnapshot'
  | 'grid'
  | 'watchGrid'
>;

export type { JobRequest } from '../grid/index.ts';

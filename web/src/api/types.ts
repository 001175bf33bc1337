/** The documents of the API under short names; all from the generated schema. */
import type { components } from './schema';

type Schemas = components['schemas'];

export type Board = Schemas['Board'];
export type Post = Schemas['Post'];
export type Attachment = Schemas['Attachment'];
export type Embed = Schemas['Embed'];
export type Media = Schemas['Media'];
export type LinkPreview = Schemas['LinkPreview'];
export type Limits = Schemas['Limits'];
export type NewMedia = Schemas['NewMedia'];
export type Picture = Schemas['Picture'];
export type Variant = Schemas['Variant'];
export type Author = Schemas['Author'];
export type Session = Schemas['Session'];
export type Link = Schemas['Link'];
export type Snapshot = Schemas['Snapshot'];
export type Change = Schemas['Change'];
export type Presence = Schemas['Presence'];
export type Person = Schemas['Person'];
export type Section = Schemas['Section'];
export type Group = Schemas['Group'];
export type Participant = Schemas['Participant'];
export type Report = Schemas['Report'];
export type Comment = Schemas['Comment'];
export type Progress = Schemas['Progress'];
export type Counts = Schemas['Counts'];
export type Reaction = Schemas['Reaction'];
export type Settings = Schemas['Settings'];
export type SettingsEdit = Schemas['SettingsEdit'];
export type You = Schemas['You'];
export type Act = Schemas['Act'];
export type TrashedSection = Schemas['TrashedSection'];
export type BulkResult = Schemas['BulkResult'];
export type Version = Schemas['Version'];
export type Role = Session['role'];

/** What a participant may do; the server's table decides, this only shows or hides. */
export type Ability = You['abilities'][number];

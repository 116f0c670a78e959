import { LIMITS } from '../rules/limits.js';

/** Numbers of Discord's API. Importing its own tables would bundle all of discord-api-types. */
export const Component = {
  ActionRow: 1,
  Button: 2,
  StringSelect: 3,
  TextInput: 4,
  UserSelect: 5,
  RoleSelect: 6,
  MentionableSelect: 7,
  ChannelSelect: 8,
  Section: 9,
  TextDisplay: 10,
  Thumbnail: 11,
  MediaGallery: 12,
  File: 13,
  Separator: 14,
  Container: 17,
  Label: 18,
  FileUpload: 19,
  RadioGroup: 21,
  CheckboxGroup: 22,
  Checkbox: 23,
} as const;

export const Option = {
  Subcommand: 1,
  SubcommandGroup: 2,
  String: 3,
  Integer: 4,
  Boolean: 5,
  User: 6,
  Channel: 7,
  Role: 8,
  Mentionable: 9,
  Number: 10,
  Attachment: 11,
} as const;

export const Flag = { Spoiler: 1 << 3, Ephemeral: 1 << 6, Loading: 1 << 7, ComponentsV2: 1 << 15 } as const;

export const Permission = {
  AddReactions: 1n << 6n,
  Administrator: 1n << 3n,
  ManageMessages: 1n << 13n,
  SendMessages: 1n << 11n,
  AttachFiles: 1n << 15n,
} as const;

/** Largest file without Nitro, in bytes. */
export const FILE_LIMIT = LIMITS.file;

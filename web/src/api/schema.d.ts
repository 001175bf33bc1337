export interface components {
  schemas: {
    SessionRequest: { boardId: string; secret?: string; renewal?: string; name?: string };
    Session: {
      token: string;
      expiresAt: string;
      renewal: string;
      boardId: string;
      role: 'moderator' | 'writer' | 'reader';
      participant: components['schemas']['Author'];
      abilities: string[];
    };
    Author: { id: string; name: string };
    Board: {
      id: string;
      rev: number;
      createdAt: string;
      updatedAt: string;
      title: string;
      description: string;
    };
    Post: {
      id: string;
      rev: number;
      createdAt: string;
      updatedAt: string;
      deleted?: boolean;
      author?: components['schemas']['Author'];
      title?: string;
      body?: string;
      attachments?: components['schemas']['Attachment'][];
    };
    Attachment: {
      id: string;
      type: 'link' | 'media';
      url?: string;
      embed?: components['schemas']['Embed'];
      mediaId?: string;
      caption?: string;
      alt?: string;
    };
    Embed: { provider: string; name: string; src: string; title: string; sandbox: string; allow: string };
    Media: {
      id: string;
      rev: number;
      createdAt: string;
      updatedAt: string;
      deleted?: boolean;
      ownerId?: string;
      state?: 'uploading' | 'processing' | 'ready' | 'refused';
      refusal?: string;
      picture?: components['schemas']['Picture'];
    };
    Picture: {
      width: number;
      height: number;
      colour: string;
      placeholder: string;
      variants: components['schemas']['Variant'][];
    };
    Variant: { url: string; type: string; width: number; height: number; bytes: number };
    Link: { id: string; role: 'moderator' | 'writer' | 'reader'; url: string };
    Links: { links: components['schemas']['Link'][] };
    Snapshot: {
      cursor: string;
      board: components['schemas']['Board'];
      posts: components['schemas']['Post'][];
      media: components['schemas']['Media'][];
    };
    Change: {
      kind: 'board' | 'post' | 'media';
      board?: components['schemas']['Board'];
      post?: components['schemas']['Post'];
      media?: components['schemas']['Media'];
    };
    MediaCreated: { media: components['schemas']['Media']; upload: components['schemas']['Upload'] };
    Upload: { url: string; token: string; expiresAt: string; maxBytes: number };
  };
}

import type { I18n } from 'emoji-picker-element/shared';

/** The one language of the page that emoji-picker-element lacks. */
export const japanese: I18n = {
  categoriesLabel: 'カテゴリー',
  emojiUnsupportedMessage: 'このブラウザーはカラー絵文字に対応していません。',
  favoritesLabel: 'よく使う絵文字',
  loadingMessage: '読み込み中…',
  networkErrorMessage: '絵文字を読み込めませんでした。',
  regionLabel: '絵文字ピッカー',
  searchDescription: '検索結果が表示されたら、上下の矢印キーで選び、Enterキーで決定します。',
  searchLabel: '検索',
  searchResultsLabel: '検索結果',
  skinToneDescription: '開いているときは、上下の矢印キーで選び、Enterキーで決定します。',
  skinToneLabel: '肌の色を選択（現在：{skinTone}）',
  skinTonesLabel: '肌の色',
  skinTones: ['標準', '明るい', 'やや明るい', '中間', 'やや濃い', '濃い'],
  categories: {
    custom: 'カスタム',
    'smileys-emotion': 'スマイリーと感情',
    'people-body': '人と体',
    'animals-nature': '動物と自然',
    'food-drink': '食べ物と飲み物',
    'travel-places': '旅行と場所',
    activities: 'アクティビティ',
    objects: '物',
    symbols: '記号',
    flags: '旗',
  },
};

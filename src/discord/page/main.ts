import { followTheme } from './theme.js';
import './elements/app.js';

followTheme();

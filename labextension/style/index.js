import './base.css';
import './controls.css';
import './answers.css';
import './compare.css';
import './platforms.css';
